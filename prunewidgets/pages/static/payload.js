// What a page carries: compressed bytes, written as text in a script element that is not run (see payload.py).

/** What was read already, or is being read: labs share it. @type {Map<string, Promise<any>>} */
const contents = new Map();

/** An element's content: JSON, in which bytes come as a DataView. @param {string} id @returns {Promise<any>} */
export function carried(id) {
  const content = contents.get(id) ?? unpacked(id);
  contents.set(id, content);
  return content;
}

/** @param {string} id */
async function unpacked(id) {
  const element = document.querySelector(`script#${id}`); // a heading of a notebook may have the same id
  if (!element) throw new Error(`This page has no ${id}.`);
  const packed = decoded(element.textContent);
  element.remove(); // it is read once, and may be large
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return read(new Uint8Array(await new Response(stream).arrayBuffer()));
}

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`{|}~"; // as base64.b85encode, "," for "<"

/** Bytes from base 85: five digits for each four of them, the last group shortened. @param {string} text */
function decoded(text) {
  const values = new Uint8Array(128);
  for (let i = 0; i < 85; i += 1) values[DIGITS.charCodeAt(i)] = i;
  const groups = Math.ceil(text.length / 5);
  const bytes = new DataView(new ArrayBuffer(4 * groups));
  for (let group = 0; group < groups; group += 1) {
    let number = 0;
    for (let i = 5 * group; i < 5 * group + 5; i += 1) number = 85 * number + (i < text.length ? values[text.charCodeAt(i)] : 84);
    bytes.setUint32(4 * group, number);
  }
  return new Uint8Array(bytes.buffer, 0, 4 * groups - (5 * groups - text.length));
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function read(bytes) {
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const start = 4 + length;
  return JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)), (_, value) => {
    if (typeof value !== "object" || !Array.isArray(value?.bytes)) return value;
    const [offset, size] = value.bytes;
    return new DataView(bytes.buffer, start + offset, size);
  });
}
