// What weights cost under a threshold, counted as `ledger.py` counts it, to the byte. Numbers only.

const VALUE_BYTES = 4;

/**
 * @param {import("./layers.js").Layers} layers all of whose weights were sent
 * @param {number} threshold
 * @param {Record<string, number> | null} positions how often each weight of a layer is used for one example
 * @returns {Record<string, number>} with the names of `ledger`'s counts
 */
export function countCosts(layers, threshold, positions) {
  const cut = layers.round(threshold);
  const costs = { parameters: 0, nonzeros: 0, dense_bytes: 0, bitmask_bytes: 0, index_coded_bytes: 0 };
  if (positions) Object.assign(costs, { multiply_adds: 0, nonzero_multiply_adds: 0 });
  for (const layer of layers.list) {
    const { nonzeros, coded } = countNonzeros(layers.weightsOf(layer), layers.scoresOf(layer), cut);
    costs.parameters += layer.size;
    costs.nonzeros += nonzeros;
    costs.dense_bytes += VALUE_BYTES * layer.size;
    costs.bitmask_bytes += Math.ceil(layer.size / 8) + VALUE_BYTES * nonzeros;
    costs.index_coded_bytes += coded;
    if (!positions || !Object.hasOwn(positions, layer.name)) continue;
    costs.multiply_adds += layer.size * positions[layer.name];
    costs.nonzero_multiply_adds += nonzeros * positions[layer.name];
  }
  return costs;
}

/** Nonzeros of one array, and its bytes index-coded: a gap too long for its field is bridged by stored zeros. */
function countNonzeros(weights, scores, cut) {
  let [nonzeros, bridges, longBridges, next] = [0, 0, 0, 0]; // next: the place after the last nonzero
  for (let i = 0; i < weights.length; i += 1) {
    if (scores[i] < cut || Math.fround(weights[i]) === 0) continue;
    const gap = i - next;
    nonzeros += 1;
    bridges += gap >>> 8; // of gaps written in one byte
    longBridges += gap >>> 16; // in two; so few weights are sent that four bytes always reach
    next = i + 1;
  }
  const coded = Math.min(
    (nonzeros + bridges) * (VALUE_BYTES + 1),
    (nonzeros + longBridges) * (VALUE_BYTES + 2),
    nonzeros * (VALUE_BYTES + 4),
  );
  return { nonzeros, coded };
}
