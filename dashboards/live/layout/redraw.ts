const due = new Map<string, () => void>();
let busy = false;

/** A draw that takes longer than this is followed by a rest as long as itself. */
const SLOW_MS = 50;

/**
 * Runs a drawing job before the next frame, once however often it was asked for. A hidden page has
 * no frames: what was asked for meanwhile is drawn in one go when it is looked at again. However
 * much is drawn, half of the time is left for whoever uses the page.
 */
export function beforeNextFrame(name: string, job: () => void) {
  due.set(name, job);
  if (!busy) draw();
}

function draw() {
  busy = true;
  requestAnimationFrame(() => {
    const start = performance.now();
    const jobs = [...due.values()];
    due.clear();
    for (const one of jobs) one();
    // The charts paint in the frame after.
    requestAnimationFrame(() =>
      setTimeout(() => {
        const took = performance.now() - start;
        setTimeout(free, took > SLOW_MS ? took : 0);
      }),
    );
  });
}

function free() {
  busy = false;
  if (due.size > 0) draw();
}
