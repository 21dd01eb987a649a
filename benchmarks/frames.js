// Runs in the page before anything else: how long scripts work for each frame, when it was painted, what was sent.
(() => {
  const records = { frames: [], sent: 0 };
  let moved = 0; // when the pointer moved that this frame answers
  let work = 0; // milliseconds of script since the last frame was painted
  let entered = 0;
  const answered = new Set(); // frames are recorded where the view heard of the move

  // From before the first listener of an event until after the last one.
  for (const type of ["pointermove", "mousemove", "input"]) {
    addEventListener(type, (event) => {
      entered = performance.now();
      if (type === "pointermove") moved ||= event.timeStamp;
      if (type === "input") answered.add(type);
    }, { capture: true });
    addEventListener(type, () => { work += performance.now() - entered; });
  }

  const ask = requestAnimationFrame.bind(window);
  const timed = (callback) => (now) => {
    const start = performance.now();
    try {
      callback(now);
    } finally {
      work += performance.now() - start;
    }
  };
  window.requestAnimationFrame = (callback) => ask(timed(callback));

  // A message sent within a frame arrives when it has been laid out and painted.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    if (moved && answered.size) records.frames.push({ script: work, painted: performance.now() - moved });
    moved = work = 0;
    answered.clear();
  };
  const eachFrame = () => {
    port2.postMessage(null);
    ask(eachFrame);
  };
  ask(eachFrame);

  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...message) {
    records.sent += 1;
    return send.apply(this, message);
  };
  window.records = records;
})();
