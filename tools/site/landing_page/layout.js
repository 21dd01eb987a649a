// Where the dots of the network are: each weight a cell, each filter or unit a tile, layers from left to right.
/** @import { Layer } from "./types.js" */

const BETWEEN = 7; // cells between layers
const MOST_ROWS = 200; // of a matrix that is drawn as it is

/** Cells of some weights: `at(i)` is [x, y] of the i-th one. @typedef {{wide: number, tall: number, at: (i: number) => [number, number]}} Block */

/** A plan: the size in cells, and where in it each weight is. @typedef {{wide: number, tall: number, cells: Int32Array}} Plan */

/** The plan that fills a picture best, and the size of a cell in it. @param {Layer[]} layers @param {number} width @param {number} height @returns {{plan: Plan, side: number}} */
export function bestPlan(layers, width, height) {
  const columns = [4, 5, 6, 7, 8, 10, 11, 13, 16];
  const plans = columns.map((each) => planOf(layers, each));
  const rated = plans.map((plan) => ({ plan, side: sideOf(plan, width, height) }));
  return rated.reduce((best, next) => (next.side > best.side || (next.side === best.side && next.plan.wide > best.plan.wide) ? next : best));
}

/** Whole pixels where little is lost by it. @param {Plan} plan @param {number} width @param {number} height */
function sideOf({ wide, tall }, width, height) {
  const side = Math.min(width / wide, height / tall);
  return Math.floor(side) / side > 0.75 ? Math.floor(side) : side;
}

/** @param {Layer[]} layers @param {number} columns of tiles in the largest layer @returns {Plan} */
function planOf(layers, columns) {
  const blocks = layers.map((layer) => blockOf(layer, columns));
  const tall = Math.max(...blocks.map((block) => block.tall));
  const wide = blocks.reduce((sum, block) => sum + block.wide, BETWEEN * (blocks.length - 1));
  const cells = new Int32Array(layers.reduce((sum, { count }) => sum + count, 0));
  let left = 0;
  layers.forEach(({ offset, count }, n) => {
    const block = blocks[n];
    const top = Math.floor((tall - block.tall) / 2);
    for (let i = 0; i < count; i += 1) {
      const [x, y] = block.at(i);
      cells[offset + i] = (top + y) * wide + left + x;
    }
    left += block.wide + BETWEEN;
  });
  return { wide, tall, cells };
}

/** @param {Layer} layer @param {number} columns @returns {Block} */
function blockOf({ shape }, columns) {
  if (shape.length === 4) {
    const [rows, across, inputs, outputs] = shape;
    const alone = inputs === 1;
    const perRow = alone ? 2 : inputs;
    return {
      wide: perRow * (across + 1) - 1,
      tall: Math.ceil(alone ? outputs / 2 : outputs) * (rows + 1) - 1,
      at(i) {
        const output = i % outputs;
        const input = Math.floor(i / outputs) % inputs;
        const place = Math.floor(i / outputs / inputs);
        const [column, row] = alone ? [output % 2, Math.floor(output / 2)] : [input, output];
        return [column * (across + 1) + (place % across), row * (rows + 1) + Math.floor(place / across)];
      },
    };
  }
  const [inputs, outputs] = shape;
  if (inputs <= MOST_ROWS) return { wide: outputs, tall: inputs, at: (i) => [i % outputs, Math.floor(i / outputs)] };
  const across = 32;
  const down = Math.ceil(inputs / across);
  return {
    wide: columns * (across + 1) - 1,
    tall: Math.ceil(outputs / columns) * (down + 1) - 1,
    at(i) {
      const [input, output] = [Math.floor(i / outputs), i % outputs];
      const [column, row] = [output % columns, Math.floor(output / columns)];
      return [column * (across + 1) + (input % across), row * (down + 1) + Math.floor(input / across)];
    },
  };
}
