// SPDX-License-Identifier: Apache-2.0
/** The same numbers for the same seed (mulberry32). */
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }
  /** In [0, 1). */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }
  /** A whole number from `least` to `most`. */
  whole(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }
  chance(share) {
    return this.next() < share;
  }
  one(list) {
    return list[this.whole(0, list.length - 1)];
  }
  /** Another sequence, so that one part's draws do not shift another's. */
  branch() {
    return new Random(this.whole(0, 0xffffffff));
  }
  shuffled(list) {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; --i) {
      const other = this.whole(0, i);
      [copy[i], copy[other]] = [copy[other], copy[i]];
    }
    return copy;
  }
}
