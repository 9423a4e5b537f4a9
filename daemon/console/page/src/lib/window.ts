// SPDX-License-Identifier: Apache-2.0
/** The rows of a long list that must be there: those in sight and a few around, so that scrolling meets no gap. */
export function rowsInSight(scrolled: number, height: number, rowHeight: number, count: number, around = 8): { first: number; end: number } {
  const first = Math.max(0, Math.floor(scrolled / rowHeight) - around);
  const end = Math.min(count, Math.ceil((scrolled + height) / rowHeight) + around);
  return { first: Math.min(first, end), end };
}

/** Where to scroll so that `row` is in sight; the same place when it is. */
export function scrollTo(row: number, scrolled: number, height: number, rowHeight: number): number {
  const top = row * rowHeight;
  if (top < scrolled) return top;
  if (top + rowHeight > scrolled + height) return top + rowHeight - height;
  return scrolled;
}
