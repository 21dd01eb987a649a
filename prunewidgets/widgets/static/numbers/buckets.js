// Scores put into buckets (a histogram's bars, a heatmap's cells) in ascending order, once. After that a threshold
// takes one binary search per bucket, however many weights there are. Numbers only.
import { emptyLike } from "./order.js";
/** @import { Floats } from "../types.js" */

export class Buckets {
  /**
   * @param {Floats} ordered scores, ascending
   * @param {Uint32Array} order the index of each of them before sorting
   * @param {Uint8Array | Int32Array} bucketOf the bucket of each score, in the order before sorting
   * @param {number} count number of buckets
   * @param {Floats | null} sizes what `keptSum` adds up, in the order of `ordered`
   */
  constructor(ordered, order, bucketOf, count, sizes = null) {
    const { length } = ordered;
    this.starts = new Uint32Array(count + 1);
    for (let i = 0; i < length; i += 1) this.starts[bucketOf[i] + 1] += 1;
    for (let bucket = 0; bucket < count; bucket += 1) this.starts[bucket + 1] += this.starts[bucket];
    this.sorted = emptyLike(ordered, length);
    this.sums = new Float64Array(sizes ? length + 1 : 0);
    const next = this.starts.slice(0, count);
    for (let i = 0; i < length; i += 1) {
      const bucket = bucketOf[order[i]];
      this.sorted[next[bucket]] = ordered[i];
      next[bucket] += 1;
      if (sizes) this.sums[next[bucket]] = sizes[i];
    }
    if (sizes) for (let i = 0; i < length; i += 1) this.sums[i + 1] += this.sums[i];
  }

  /** @param {number} bucket */
  size(bucket) {
    return this.starts[bucket + 1] - this.starts[bucket];
  }

  /** Index in `sorted` of the first kept score of a bucket, or the bucket's end. @param {number} bucket @param {number} threshold rounded as the scores are */
  firstKept(bucket, threshold) {
    let low = this.starts[bucket];
    let high = this.starts[bucket + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.sorted[middle] < threshold) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many scores of a bucket a threshold removes. @param {number} bucket @param {number} threshold */
  removed(bucket, threshold) {
    return this.firstKept(bucket, threshold) - this.starts[bucket];
  }

  /** Sum of the sizes of what is kept in a bucket. @param {number} bucket @param {number} threshold */
  keptSum(bucket, threshold) {
    return this.sums[this.starts[bucket + 1]] - this.sums[this.firstKept(bucket, threshold)];
  }
}
