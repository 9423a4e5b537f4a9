// SPDX-License-Identifier: Apache-2.0
/** Something that was found in a text, in UTF-16 units, half-open. */
export interface Found<What> {
  start: number;
  end: number;
  what: What;
}

export interface Piece<What> {
  text: string;
  /** Everything that was found here; empty: nothing. */
  found: What[];
}

/** The text cut where things that were found begin and end; overlapping ones meet in one piece. Those outside the text are left out. */
export function cut<What>(text: string, found: readonly Found<What>[]): Piece<What>[] {
  const inside = found.filter(({ start, end }) => start >= 0 && start < end && end <= text.length);
  const edges = new Set([0, text.length]);
  for (const { start, end } of inside) edges.add(start).add(end);
  const sorted = [...edges].sort((a, b) => a - b);
  const pieces: Piece<What>[] = [];
  for (let i = 0; i + 1 < sorted.length; ++i) {
    const [from, to] = [sorted[i]!, sorted[i + 1]!];
    pieces.push({ text: text.slice(from, to), found: inside.filter(({ start, end }) => start <= from && end >= to).map(({ what }) => what) });
  }
  return pieces;
}

/** Neighbours that `looks` calls the same become one, with everything that was found in either. */
export function joined<What>(pieces: readonly Piece<What>[], looks: (found: What[]) => string): Piece<What>[] {
  const result: Piece<What>[] = [];
  for (const piece of pieces) {
    const last = result[result.length - 1];
    if (last && looks(last.found) === looks(piece.found)) result[result.length - 1] = { text: last.text + piece.text, found: [...last.found, ...piece.found] };
    else result.push(piece);
  }
  return result;
}

/** Web addresses in a text. Only http and https; what ends a sentence is no part of one. */
export function addresses(text: string): Found<string>[] {
  return [...text.matchAll(/https?:\/\/[^\s<>"'，。；！？、）】」』]+/g)].map((match) => {
    const address = match[0].replace(/[.,;:!?)\]]+$/, '');
    return { start: match.index, end: match.index + address.length, what: address };
  });
}
