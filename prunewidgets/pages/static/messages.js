// Lets a busy worker hear what it was sent meanwhile.

/** Resolves after the messages that have arrived; sooner than a timer would. @returns {Promise<void>} */
export const messagesHeard = () =>
  new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(0);
  });
