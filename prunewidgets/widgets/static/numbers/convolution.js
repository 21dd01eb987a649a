// A convolution of one grey image: pure functions.

/**
 * Where the parts of a filter are in a kernel of shape (height, width, 1, filters).
 * @typedef {{tall: number, wide: number, filters: number}} Kernel
 */

/** The place of a filter's weight among all weights. @param {Kernel} kernel @param {number} filter @param {number} i of the weight, row by row */
export const placeOf = ({ filters }, filter, i) => i * filters + filter;

/**
 * Pixel, weight and product at each place under the filter; the weight is 0 where it is removed.
 * @param {Float32Array} image @param {number} width of the image
 * @param {Kernel} kernel @param {(i: number) => number} weightAt the weight at a place of the filter
 * @param {number} row @param {number} column
 */
export function products(image, width, { tall, wide }, weightAt, row, column) {
  return Array.from({ length: tall * wide }, (_, i) => {
    const pixel = image[(row + Math.floor(i / wide)) * width + column + (i % wide)];
    const weight = weightAt(i);
    return { pixel, weight, product: pixel * weight };
  });
}

/**
 * The output of one filter, without padding.
 * @param {Float32Array} image @param {[height: number, width: number]} size @param {Kernel} kernel @param {(i: number) => number} weightAt
 */
export function convolved(image, [height, width], kernel, weightAt) {
  const [rows, columns] = [height - kernel.tall + 1, width - kernel.wide + 1];
  const sums = new Float64Array(Math.max(0, rows) * Math.max(0, columns));
  for (let at = 0; at < sums.length; at += 1) {
    for (const { product } of products(image, width, kernel, weightAt, Math.floor(at / columns), at % columns)) sums[at] += product;
  }
  return { rows, columns, sums };
}
