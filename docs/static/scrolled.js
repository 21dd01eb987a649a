// A table that is wider than its place can be reached, and then scrolled, with keys.
addEventListener("DOMContentLoaded", () => {
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
      else target.removeAttribute("tabindex");
    }
  });
  for (const table of document.querySelectorAll(".table-wrapper")) sizes.observe(table);
});
