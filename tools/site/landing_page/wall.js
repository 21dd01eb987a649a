// Digits of the test set, and which of them are misread now.

const INK = [238, 240, 244];

/**
 * @param {HTMLElement} list @param {number[]} labels
 * @param {{text: (key: string, values: Record<string, unknown>) => string, image: (index: number) => ImageData}} page
 */
export function mountWall(list, labels, { text, image }) {
  const items = [...list.children].map((item) => /** @type {HTMLElement} */ (item));
  for (const [index, item] of items.entries()) draw(item.querySelector("canvas"), image(index));
  return (/** @type {number[]} */ read) => {
    /** @type {string[]} */
    const wrong = [];
    items.forEach((item, i) => {
      const misread = read[i] !== labels[i];
      item.classList.toggle("misread", misread);
      const said = /** @type {HTMLElement} */ (item.lastElementChild);
      if (misread) {
        said.textContent = String(read[i]);
        wrong.push(text("wall_one", { label: labels[i], read: read[i] }));
      }
    });
    const values = { n: items.length, wrong: wrong.length, each: wrong.join(", ") };
    list.setAttribute("aria-label", text(wrong.length ? "wall_wrong" : "wall_right", values));
  };
}

/** @param {HTMLCanvasElement | null} canvas @param {ImageData} image */
export function draw(canvas, image) {
  canvas?.getContext("2d")?.putImageData(image, 0, 0);
}

/** A digit as light on nothing. @param {Uint8Array} pixels @param {number} side */
export function imageOf(pixels, side) {
  const image = new ImageData(side, side);
  for (const [i, value] of pixels.entries()) image.data.set([...INK, value], 4 * i);
  return image;
}
