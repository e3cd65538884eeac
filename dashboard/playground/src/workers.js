// Monaco does its language work in three web workers. They are bundles of their
// own, and build.mjs puts their hashed file names in place of WORKERS.

globalThis.MonacoEnvironment = {
  getWorker: (_moduleId, label) => new Worker(`/playground/assets/${WORKERS[label] ?? WORKERS.editor}`),
};
