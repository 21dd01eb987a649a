// Tables and printed lines that are wider than the screen: the keyboard reaches those that scroll, and no others.

/** Watches them, for a window may become narrow later. */
export function reachable() {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
      else target.removeAttribute("tabindex");
    }
  });
  for (const element of document.querySelectorAll(".cell-html, .page-table, .cell-prose math, .page-notebook pre")) {
    if (!element.closest("[data-part]")) observer.observe(element); // what is in a view is its own
  }
}
