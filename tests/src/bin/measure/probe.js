// Installed into the page by the benchmark; it only listens. Names of requests and events are
// noted, never what is in them. `window`, because a driver's own global object may be another.
(() => {
  if (window.letterlockMeasure) return;
  const heard = [];
  // Externally tagged enums: a string, or an object with one key.
  const name = (value) => {
    if (typeof value !== "object" || value === null) return String(value);
    if ("body" in value) return name(value.body);
    const [key] = Object.keys(value);
    if (key === "Event" || key === "Answer") return `${key} ${name(value[key])}`;
    if (key === "Progress") {
      const { step, done, of } = value[key];
      return `${name(step)} ${done}/${of}`;
    }
    return key;
  };
  const worker = globalThis.letterlockWorker;
  worker.addEventListener("message", (event) => heard.push([event.timeStamp, name(event.data)]));
  const post = worker.postMessage;
  worker.postMessage = function (message, ...rest) {
    heard.push([performance.now(), `Request ${name(message)}`]);
    return post.call(this, message, ...rest);
  };

  const seen = (id, attributes = "") => document.querySelector(`[data-testid="${id}"]${attributes}`);

  // Does something, waits until every mark came true and a frame was drawn, and tells when.
  const run = (action, marks) => {
    heard.length = 0;
    const began = performance.now();
    const reached = {};
    return new Promise((resolve) => {
      const finish = () => {
        // A frame callback runs before the frame is drawn, a message after it.
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () =>
            resolve({
              began,
              reached,
              drawn: performance.now() - began,
              heard: heard.map(([at, what]) => [at - began, what]),
            });
          channel.port2.postMessage(0);
        });
      };
      let finished = false;
      const look = () => {
        if (finished) return;
        const now = performance.now() - began;
        for (const [mark, holds] of Object.entries(marks)) {
          if (!(mark in reached) && holds()) reached[mark] = now;
        }
        if (Object.keys(marks).every((mark) => mark in reached)) {
          finished = true;
          observer.disconnect();
          finish();
        }
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      action();
      look();
    });
  };
  window.letterlockMeasure = { run, seen };
})();
