// A press that moves something. A finger may be about to scroll the page, so it counts only once its direction is known.

const SIDEWAYS = 6; // pixels that tell a swipe's direction; less is a tap

/**
 * Calls `press` with a mouse or a pen at once, with a finger when it goes sideways or is lifted where it was put down;
 * the event is always that of putting it down. A swipe up or down scrolls the page: the element has `touch-action: pan-y`.
 * @param {HTMLElement} element @param {(event: PointerEvent) => void} press
 */
export function onPress(element, press) {
  /** Where a finger was put down that has not shown its direction. @type {PointerEvent | null} */
  let down = null;
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") press(event);
    else if (event.isPrimary) down = event;
  });
  element.addEventListener("pointermove", (event) => {
    if (down?.pointerId !== event.pointerId) return;
    const [x, y] = [Math.abs(event.clientX - down.clientX), Math.abs(event.clientY - down.clientY)];
    if (Math.max(x, y) < SIDEWAYS) return;
    const start = down;
    down = null;
    if (x > y) press(start);
  });
  element.addEventListener("pointerup", (event) => {
    if (down?.pointerId !== event.pointerId) return;
    const start = down;
    down = null;
    press(start);
  });
  element.addEventListener("pointercancel", () => {
    down = null; // the browser scrolls
  });
}
