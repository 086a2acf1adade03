import type { Curve } from '../figures/findings.ts';
import { readable } from './readable.ts';

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 64;
const RIGHT = 120;
const TOP = 40;
const BOTTOM = 48;
const COLOURS = ['#1f6feb', '#d1570c', '#2f8f4e', '#8250df'];

/** A picture of its own: medians as a line, from minimum to maximum as strokes. The y axis starts at 0, so that a step looks as large as it is. */
export function lineChart({ title, x, y, lines }: Curve): string {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b);
  const top = niceCeiling(Math.max(...lines.flatMap(({ points }) => points.map((point) => point.y.max))));
  const scale = x.isLogarithmic ? Math.log10 : (value: number): number => value;
  const [first = 0, last = 1] = [scale(xs[0] ?? 0), scale(xs[xs.length - 1] ?? 1)];
  const across = (value: number): number => round(LEFT + ((scale(value) - first) / (last - first || 1)) * (WIDTH - LEFT - RIGHT));
  const up = (value: number): number => round(HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM));

  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const height = up(top * share);
    return `<line x1="${LEFT}" y1="${height}" x2="${WIDTH - RIGHT}" y2="${height}" class="grid"/><text x="${LEFT - 8}" y="${height + 4}" text-anchor="end">${readable(top * share)}</text>`;
  });
  const ticks = xs.map((value) => `<text x="${across(value)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${readable(value)}</text>`);
  const drawn = lines.map(({ label, points }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const end = points[points.length - 1];
    const strokes = points.map((point) => `<line x1="${across(point.x)}" y1="${up(point.y.min)}" x2="${across(point.x)}" y2="${up(point.y.max)}"/>`);
    const dots = points.map((point) => `<circle cx="${across(point.x)}" cy="${up(point.y.median)}" r="3"/>`);
    const path = points.map((point) => `${across(point.x)},${up(point.y.median)}`).join(' ');
    const name = end === undefined ? '' : `<text x="${across(end.x) + 10}" y="${up(end.y.median) + 4}" fill="${colour}">${label}</text>`;
    return `<g stroke="${colour}" fill="${colour}"><polyline points="${path}" fill="none" stroke-width="2"/>${strokes.join('')}${dots.join('')}</g>${name}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<style>text{font:12px system-ui,sans-serif}.ink{fill:#57606a}.grid{stroke:#d0d7de}.title{font-size:14px;font-weight:600}</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${LEFT}" y="22" class="title">${title}</text>
<g class="ink">${grid.join('')}${ticks.join('')}<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${x.label}</text><text x="${LEFT - 8}" y="${TOP - 10}" text-anchor="end">${y.label}</text></g>
${drawn.join('\n')}
</svg>
`;
}

function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8].find((step) => step * power >= value) ?? 10) * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
