// Pictures that Python drew for each threshold of a view: the page shows the one for the threshold that the view has.
/** @import { HostModel } from "../../widgets/static/types.js" */

/** @param {HostModel[]} models of the page's views */
export function followViews(models) {
  for (const place of document.querySelectorAll("[data-follows]")) {
    const model = models[Number(place.getAttribute("data-follows"))];
    const pictures = [...place.children].filter((child) => child instanceof HTMLElement);
    const above = pictures.map(({ dataset }) => (dataset.above ? Math.fround(Number(dataset.above)) : -Infinity));
    const show = () => {
      const threshold = Math.fround(Number(model.get("threshold"))); // compared as float32, as everywhere
      const shown = above.findLastIndex((score) => score < threshold);
      pictures.forEach((picture, n) => {
        picture.hidden = n !== Math.max(shown, 0);
      });
    };
    model.on("change:threshold", show);
    show();
  }
}
