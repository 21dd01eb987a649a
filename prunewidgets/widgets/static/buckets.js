// Scores put into buckets (a histogram's bars, a heatmap's cells) and sorted in each, once. Then a threshold is
// answered by one binary search a bucket, however many weights there are. Numbers only.

export class Buckets {
  /**
   * @param {Float32Array | Float64Array} scores
   * @param {Uint8Array | Int32Array} bucketOf for each score its bucket
   * @param {number} count number of buckets
   */
  constructor(scores, bucketOf, count) {
    this.starts = new Uint32Array(count + 1);
    for (let i = 0; i < scores.length; i += 1) this.starts[bucketOf[i] + 1] += 1;
    for (let bucket = 0; bucket < count; bucket += 1) this.starts[bucket + 1] += this.starts[bucket];
    this.sorted = new scores.constructor(scores.length);
    const next = this.starts.slice(0, count);
    for (let i = 0; i < scores.length; i += 1) {
      this.sorted[next[bucketOf[i]]] = scores[i];
      next[bucketOf[i]] += 1;
    }
    for (let bucket = 0; bucket < count; bucket += 1) this.sorted.subarray(this.starts[bucket], this.starts[bucket + 1]).sort();
  }

  size(bucket) { return this.starts[bucket + 1] - this.starts[bucket]; }

  /** First place in `sorted` whose score is kept, within a bucket. @param {number} threshold rounded as the scores are */
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

  /** How many of a bucket a threshold removes. */
  removed(bucket, threshold) { return this.firstKept(bucket, threshold) - this.starts[bucket]; }

  /** Sum of the kept scores of a bucket. */
  keptSum(bucket, threshold) {
    this.sums ??= this.#sums();
    return this.sums[this.starts[bucket + 1]] - this.sums[this.firstKept(bucket, threshold)];
  }

  #sums() {
    const sums = new Float64Array(this.sorted.length + 1);
    for (let i = 0; i < this.sorted.length; i += 1) sums[i + 1] = sums[i] + this.sorted[i];
    return sums;
  }
}
