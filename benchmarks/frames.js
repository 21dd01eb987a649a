// Runs in the page before anything else: how long scripts work for each frame, when it was painted, what was sent.
(() => {
  /** @type {{frames: {script: number, painted: number}[], sent: number}} */
  const records = { frames: [], sent: 0 };
  let moved = 0; // when the pointer moved that this frame answers
  let work = 0; // milliseconds of script since the last frame was painted
  let entered = 0;
  let answered = false; // whether a slider moved in this frame

  // From before the first listener of an event until after the last one.
  for (const type of ["pointermove", "mousemove", "input"]) {
    addEventListener(
      type,
      (event) => {
        entered = performance.now();
        if (type === "pointermove") moved ||= event.timeStamp;
        if (type === "input") answered = true;
      },
      { capture: true },
    );
    addEventListener(type, () => {
      work += performance.now() - entered;
    });
  }

  const ask = requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    ask((now) => {
      const start = performance.now();
      try {
        callback(now);
      } finally {
        work += performance.now() - start;
      }
    });

  /** Calls after the next frame: a message sent within it arrives when it has been laid out and painted. @param {() => void} then */
  const afterPaint = (then) =>
    ask(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = then;
      port2.postMessage(null);
    });
  const eachFrame = () => {
    if (answered) records.frames.push({ script: work, painted: performance.now() - moved });
    moved = work = 0;
    answered = false;
    afterPaint(eachFrame);
  };
  afterPaint(eachFrame);

  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...message) {
    records.sent += 1;
    return send.apply(this, message);
  };
  Object.assign(window, { records, afterPaint });
})();
