// SPDX-License-Identifier: Apache-2.0
// The arithmetic of charts. Pure.
/** About `wanted` round steps from 0 to at least `most`: 0, 5, 10, 15. */
export function ticks(most: number, wanted = 4): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** At most `most` of `count` labels, evenly, the first always among them. */
export const everyNth = (count: number, most: number): number => Math.max(1, Math.ceil(count / most));

/** "M0 10L5 3": a line through the points; null is a gap. */
export function linePath(points: readonly ({ x: number; y: number } | null)[]): string {
  let path = '';
  let begun = false;
  for (const point of points) {
    if (point) path += `${begun ? 'L' : 'M'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
    begun = point !== null;
  }
  return path;
}
