// Starts TensorFlow.js in the page's worker, with the WebAssembly that came with the page.

/** @param {Uint8Array<ArrayBuffer>} wasm */
export async function startEngine(wasm) {
  // The back-end asks for its program by name: it gets the page's own, and nothing is fetched.
  const program = new Response(wasm, { headers: { "Content-Type": "application/wasm" } });
  self.fetch = async () => program.clone();
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // threads need a server's headers
  if (!(await tf.setBackend("wasm"))) throw new Error("it cannot run WebAssembly");
  await tf.ready();
}
