// A seeded source of choices. The same seed and index always give the same case, whatever ran
// before it, so that one case of a long run can be repeated alone.

export class Random {
  constructor(seed, index) {
    let mix = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
    const next = () => {
      mix = (mix + 0x9e3779b9) >>> 0;
      let z = mix;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) >>> 0;
    };
    [this.a, this.b, this.c, this.d] = [next() ^ index, next(), next(), next() | 1];
    for (let i = 0; i < 8; i++) this.bits();
  }

  /** 32 random bits (sfc32). */
  bits() {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  /** 0 … bound-1. */
  below(bound) {
    return Math.floor((this.bits() / 4294967296) * bound);
  }

  between(low, high) {
    return low + this.below(high - low + 1);
  }

  chance(probability) {
    return this.bits() < probability * 4294967296;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** A few members of the list, in its order. */
  some(list, probability) {
    return list.filter(() => this.chance(probability));
  }

  /** `make` called `count` times. */
  times(count, make) {
    return Array.from({length: count}, (_, i) => make(i));
  }

  shuffle(list) {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  }

  /** Picks from `[weight, value]` pairs. */
  weighted(pairs) {
    let total = 0;
    for (const [weight] of pairs) total += weight;
    let left = (this.bits() / 4294967296) * total;
    for (const [weight, value] of pairs) {
      left -= weight;
      if (left < 0) return value;
    }
    return pairs[pairs.length - 1][1];
  }

  bigint64() {
    return BigInt.asIntN(64, (BigInt(this.bits()) << 32n) | BigInt(this.bits()));
  }
}
