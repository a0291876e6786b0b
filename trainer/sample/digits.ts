import { type Dataset, type Images, PIXELS, SIDE } from "./images.ts";
import { type Random, seededRandom } from "./random.ts";

type Point = readonly [x: number, y: number];
/** A line through its points, smooth where it is curved. */
interface Stroke {
  points: readonly Point[];
  curved: boolean;
}

const line = (...points: Point[]): Stroke => ({ points, curved: false });
const curve = (...points: Point[]): Stroke => ({ points, curved: true });

/** How each digit is written, in more than one hand. x to the right and y down, 0 to 1. */
const HANDS: readonly (readonly Stroke[])[][] = [
  [[curve([0.5, 0.05], [0.2, 0.25], [0.17, 0.65], [0.48, 0.95], [0.8, 0.7], [0.8, 0.3], [0.5, 0.05])]],
  [
    [line([0.5, 0.05], [0.5, 0.95])],
    [line([0.3, 0.25], [0.55, 0.05], [0.55, 0.95])],
    [line([0.3, 0.25], [0.52, 0.05], [0.52, 0.95]), line([0.28, 0.95], [0.76, 0.95])],
  ],
  [
    [curve([0.2, 0.28], [0.42, 0.06], [0.74, 0.2], [0.66, 0.5], [0.2, 0.93]), line([0.2, 0.93], [0.82, 0.93])],
    [curve([0.22, 0.25], [0.5, 0.05], [0.75, 0.28], [0.5, 0.65], [0.24, 0.9], [0.28, 0.72], [0.55, 0.85], [0.82, 0.9])],
  ],
  [
    [
      curve([0.22, 0.15], [0.5, 0.05], [0.74, 0.22], [0.66, 0.42], [0.42, 0.48]),
      curve([0.42, 0.48], [0.76, 0.56], [0.77, 0.82], [0.48, 0.96], [0.2, 0.84]),
    ],
    [
      line([0.2, 0.07], [0.75, 0.07], [0.42, 0.42]),
      curve([0.42, 0.42], [0.76, 0.52], [0.76, 0.82], [0.48, 0.96], [0.2, 0.85]),
    ],
  ],
  [
    [line([0.62, 0.95], [0.62, 0.05], [0.18, 0.65], [0.84, 0.65])],
    [line([0.25, 0.08], [0.22, 0.52], [0.78, 0.52]), line([0.7, 0.1], [0.66, 0.95])],
  ],
  [
    [
      line([0.76, 0.06], [0.3, 0.06], [0.26, 0.45]),
      curve([0.26, 0.45], [0.55, 0.38], [0.79, 0.6], [0.65, 0.9], [0.22, 0.9]),
    ],
    [curve([0.75, 0.1], [0.4, 0.1], [0.3, 0.35], [0.6, 0.5], [0.72, 0.72], [0.52, 0.94], [0.22, 0.84])],
  ],
  [
    [curve([0.68, 0.07], [0.35, 0.3], [0.22, 0.68], [0.48, 0.96], [0.76, 0.74], [0.55, 0.5], [0.25, 0.68])],
    [curve([0.4, 0.05], [0.25, 0.45], [0.3, 0.85], [0.6, 0.93], [0.72, 0.7], [0.5, 0.56], [0.28, 0.72])],
  ],
  [
    [line([0.2, 0.07], [0.8, 0.07], [0.42, 0.95])],
    [line([0.2, 0.07], [0.8, 0.07], [0.4, 0.95]), line([0.36, 0.5], [0.76, 0.5])],
    [curve([0.18, 0.2], [0.25, 0.08], [0.78, 0.1], [0.55, 0.45], [0.45, 0.95])],
  ],
  [
    [
      curve([0.5, 0.48], [0.24, 0.28], [0.5, 0.05], [0.76, 0.26], [0.5, 0.48]),
      curve([0.5, 0.48], [0.18, 0.74], [0.5, 0.96], [0.82, 0.74], [0.5, 0.48]),
    ],
    [
      curve(
        [0.74, 0.14],
        [0.42, 0.06],
        [0.3, 0.28],
        [0.68, 0.62],
        [0.6, 0.92],
        [0.3, 0.88],
        [0.34, 0.6],
        [0.72, 0.3],
        [0.72, 0.12],
      ),
    ],
  ],
  [
    [curve([0.74, 0.3], [0.5, 0.06], [0.24, 0.3], [0.46, 0.52], [0.74, 0.3]), line([0.74, 0.3], [0.68, 0.95])],
    [
      curve([0.72, 0.22], [0.45, 0.05], [0.25, 0.3], [0.5, 0.5], [0.74, 0.25]),
      curve([0.74, 0.25], [0.76, 0.7], [0.52, 0.94], [0.28, 0.86]),
    ],
  ],
];

/**
 * Images of digits drawn by code, the same for the same seed: strokes of several hands, bent,
 * slanted, turned, of different pens, with blots, bits of other strokes and grain. Not MNIST, and
 * not as good as it, but it needs no download, and a convnet takes several epochs to learn it.
 */
export function generatedDigits(count: { train: number; validation: number }, seed: number): Dataset {
  return {
    name: "generated digits",
    train: draw(count.train, seededRandom(seed * 2 + 1)),
    validation: draw(count.validation, seededRandom(seed * 2 + 2)),
  };
}

function draw(count: number, random: Random): Images {
  const pixels = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const label = Math.floor(random.uniform() * 10);
    labels[i] = label;
    drawDigit(label, pixels.subarray(i * PIXELS, (i + 1) * PIXELS), random);
  }
  return { count, pixels, labels };
}

function drawDigit(label: number, pixels: Uint8Array, random: Random): void {
  const hands = HANDS[label]!;
  const strokes = hands[Math.floor(random.uniform() * hands.length)]!;
  const transform = randomTransform(random);
  const lines = strokes.map((stroke) => track(stroke, random).map(transform));
  const distance = new Float32Array(PIXELS).fill(Number.POSITIVE_INFINITY);
  for (const points of lines) stain(distance, points);

  const pen = random.between(0.7, 1.6);
  const ink = random.between(0.55, 1);
  const clutter = new Float32Array(PIXELS).fill(Number.POSITIVE_INFINITY);
  const bits = Math.floor(random.between(0, 3.5));
  for (let bit = 0; bit < bits; bit++) stain(clutter, scratch(random));
  const grain = random.between(0.02, 0.14);

  for (let i = 0; i < PIXELS; i++) {
    const digit = ink * coverage(distance[i]!, pen);
    const other = 0.75 * ink * coverage(clutter[i]!, pen * 0.8);
    const value = Math.max(digit, other) + grain * random.normal();
    pixels[i] = Math.round(255 * Math.min(1, Math.max(0, value)));
  }
}

/**
 * Ink of a pixel whose middle is so far (pixels) from the middle of a line of this half width: 0 to
 * 1, with a soft edge.
 */
const coverage = (distance: number, pen: number): number => Math.min(1, Math.max(0, pen + 0.5 - distance));

/** From the unit square to pixels: size, slant, turn, place and a slow wave, at random. */
function randomTransform(random: Random): (point: Point) => Point {
  const width = random.between(11, 20);
  const height = random.between(14, 22);
  const turn = 0.22 * random.normal();
  const slant = 0.22 * random.normal();
  const middle = [SIDE / 2 - 0.5 + 1.6 * random.normal(), SIDE / 2 - 0.5 + 1.6 * random.normal()] as const;
  const wave = [random.between(0, 0.07), random.between(2, 6), random.between(0, 2 * Math.PI)] as const;
  const [sine, cosine] = [Math.sin(turn), Math.cos(turn)];
  return ([px, py]) => {
    const x = (px - 0.5 + wave[0] * Math.sin(wave[1] * py + wave[2])) * width;
    const y = (py - 0.5 + wave[0] * Math.cos(wave[1] * px + wave[2])) * height;
    const slanted = x - slant * y;
    return [middle[0] + cosine * slanted - sine * y, middle[1] + sine * slanted + cosine * y];
  };
}

/** The points of a stroke, each a little off, and as a Catmull-Rom spline where it is curved. */
function track({ points, curved }: Stroke, random: Random): Point[] {
  const shaken = points.map(([x, y]): Point => [x + 0.04 * random.normal(), y + 0.04 * random.normal()]);
  if (!curved) return shaken;
  const at = (i: number): Point => shaken[Math.min(shaken.length - 1, Math.max(0, i))]!;
  const track: Point[] = [at(0)];
  for (let i = 0; i + 1 < shaken.length; i++) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (const t of [0.25, 0.5, 0.75, 1]) {
      const between = (axis: 0 | 1): number =>
        b[axis] +
        0.5 *
          t *
          (c[axis] -
            a[axis] +
            t *
              (2 * a[axis] - 5 * b[axis] + 4 * c[axis] - d[axis] + t * (3 * (b[axis] - c[axis]) + d[axis] - a[axis])));
      track.push([between(0), between(1)]);
    }
  }
  return track;
}

/** A bit of some other stroke that runs over the edge of the image or lies near it. */
function scratch(random: Random): Point[] {
  const side = Math.floor(random.uniform() * 4);
  const along = random.between(0, SIDE);
  const depth = random.between(-1, 6);
  const start: Point = [
    [along, depth],
    [SIDE - depth, along],
    [along, SIDE - depth],
    [depth, along],
  ][side] as unknown as Point;
  const direction = random.between(0, 2 * Math.PI);
  const length = random.between(2, 9);
  return [start, [start[0] + length * Math.cos(direction), start[1] + length * Math.sin(direction)]];
}

/** Brings each pixel's distance to the nearest line up to date with one more. */
function stain(distance: Float32Array, points: readonly Point[]): void {
  for (let i = 0; i + 1 < points.length; i++) {
    const [x0, y0] = points[i]!;
    const [dx, dy] = [points[i + 1]![0] - x0, points[i + 1]![1] - y0];
    const square = dx * dx + dy * dy || 1e-9;
    const reach = 3;
    const top = Math.max(0, Math.floor(Math.min(y0, y0 + dy) - reach));
    const bottom = Math.min(SIDE - 1, Math.ceil(Math.max(y0, y0 + dy) + reach));
    const left = Math.max(0, Math.floor(Math.min(x0, x0 + dx) - reach));
    const right = Math.min(SIDE - 1, Math.ceil(Math.max(x0, x0 + dx) + reach));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const t = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / square));
        const [ox, oy] = [x - x0 - t * dx, y - y0 - t * dy];
        const nearest = Math.sqrt(ox * ox + oy * oy);
        const at = y * SIDE + x;
        if (nearest < distance[at]!) distance[at] = nearest;
      }
    }
  }
}
