// Where the classes of a graph are drawn: in columns by their distance from the first one, in each column near what they come from.

const GAP = 26;
const NARROW = 64;
const WIDE = 190;
const SWEEPS = 6;

/** How far each class is from `first` along the edges; those that cannot be reached come last. */
export function distances(names, edges, first) {
  const next = new Map(names.map((name) => [name, []]));
  for (const { from, to } of edges) if (next.has(from) && next.has(to)) next.get(from).push(to);
  const far = new Map([[first, 0]]);
  let now = next.has(first) ? [first] : [];
  while (now.length > 0) {
    const then = [];
    for (const name of now) {
      for (const to of next.get(name)) {
        if (far.has(to)) continue;
        far.set(to, far.get(name) + 1);
        then.push(to);
      }
    }
    now = then;
  }
  const last = Math.max(0, ...far.values()) + 1;
  return new Map(names.map((name) => [name, far.get(name) ?? last]));
}

const mean = (list) => (list.length ? list.reduce((sum, one) => sum + one, 0) / list.length : null);

/**
 * `nodes` are `{name, width, height, column}`, `edges` are `{from, to, width}`, with the width of what is written on them. Gives the places of the nodes (their middle), the curves of
 * the edges, and the size of the drawing.
 */
export function laidOut(nodes, edges) {
  const columns = [];
  for (const node of nodes) (columns[node.column] ??= []).push(node);
  const filled = columns.filter(Boolean);
  const near = new Map(nodes.map(({ name }) => [name, []]));
  for (const { from, to } of edges) {
    if (from === to || !near.has(from) || !near.has(to)) continue;
    near.get(from).push(to);
    near.get(to).push(from);
  }
  const rank = new Map();
  const number = () => filled.forEach((column) => column.forEach(({ name }, i) => rank.set(name, i - (column.length - 1) / 2)));
  number();
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const order = sweep % 2 ? [...filled].reverse() : filled;
    for (const column of order) {
      const wish = new Map(column.map(({ name }) => [name, mean(near.get(name).map((other) => rank.get(other))) ?? rank.get(name)]));
      column.sort((one, other) => wish.get(one.name) - wish.get(other.name));
      number();
    }
  }

  const columnOf = new Map(nodes.map(({ name, column }) => [name, columns.slice(0, column).filter(Boolean).length]));
  const gaps = filled.map(() => NARROW);
  for (const { from, to, width } of edges) {
    const at = columnOf.get(from);
    if (columnOf.get(to) === at + 1) gaps[at] = Math.min(WIDE, Math.max(gaps[at], width + 34));
  }

  const heights = filled.map((column) => column.reduce((sum, node) => sum + node.height + GAP, -GAP));
  const tallest = Math.max(0, ...heights);
  const at = new Map();
  let x = 0;
  filled.forEach((column, i) => {
    const width = Math.max(...column.map((node) => node.width));
    let y = (tallest - heights[i]) / 2;
    for (const node of column) {
      at.set(node.name, { ...node, x: x + width / 2, y: y + node.height / 2, order: i });
      y += node.height + GAP;
    }
    x += width + gaps[i];
  });

  let [top, bottom, right] = [0, tallest, Math.max(0, x - (gaps.at(-1) ?? 0))];
  const curves = edges.filter(({ from, to }) => at.has(from) && at.has(to)).map((edge) => {
    const curve = curved(at.get(edge.from), at.get(edge.to));
    top = Math.min(top, curve.top);
    bottom = Math.max(bottom, curve.bottom);
    right = Math.max(right, curve.right);
    return { edge, ...curve };
  });
  return { at, curves, box: { x: -12, y: top - 12, width: right + 24, height: bottom - top + 24 } };
}

/** The same from the top down, for a narrow place. */
export function laidDown(nodes, edges) {
  const { at, curves, box } = laidOut(nodes.map(turned), edges.map((edge) => ({ ...edge, width: 0 })));
  return {
    at: new Map([...at].map(([name, node]) => [name, turned(node)])),
    curves: curves.map((curve) => ({ ...curve, d: curve.d.replace(/(-?[\d.]+) (-?[\d.]+)/g, '$2 $1'), middle: [curve.middle[1], curve.middle[0]], room: curve.room && Infinity })),
    box: turned(box),
  };
}

const turned = ({ x, y, width, height, ...more }) => ({ ...more, x: y, y: x, width: height, height: width });

const path = (...points) => points.map((point) => (typeof point === 'string' ? point : point.map((n) => Math.round(n * 10) / 10).join(' '))).join(' ');

/** A curve from one node to another: straight on to the next column, around in an arc to any other. */
function curved(from, to) {
  const extent = (...ys) => ({ top: Math.min(...ys), bottom: Math.max(...ys) });
  if (from.name === to.name) {
    const [x, y] = [from.x, from.y - from.height / 2];
    return { d: path('M', [x - 10, y], 'C', [x - 16, y - 26], [x + 16, y - 26], [x + 10, y]), middle: [x, y - 20], ...extent(y - 24), right: x + 16 };
  }
  if (to.order === from.order + 1) {
    const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y, to.x - to.width / 2, to.y];
    const bend = Math.max(20, (x2 - x1) / 2);
    return { d: path('M', [x1, y1], 'C', [x1 + bend, y1], [x2 - bend, y2], [x2, y2]), room: x2 - x1 - 16, middle: [(x1 + x2) / 2, (y1 + y2) / 2], ...extent(y1, y2), right: x2 };
  }
  if (to.order === from.order) {
    const [x1, y1, y2] = [from.x + from.width / 2, from.y, to.y];
    const reach = to.x + to.width / 2;
    const out = Math.max(x1, reach) + 22 + Math.min(30, Math.abs(y2 - y1) / 8);
    return { d: path('M', [x1, y1 + 4], 'C', [out, y1], [out, y2], [reach, y2 - 4]), middle: [out - 6, (y1 + y2) / 2], ...extent(y1, y2), right: out };
  }
  // Over several columns above, back to earlier ones below.
  const forward = to.order > from.order;
  const side = forward ? -1 : 1;
  const [x1, y1] = [from.x + (forward ? 8 : -8), from.y + (side * from.height) / 2];
  const [x2, y2] = [to.x + (forward ? -8 : 8), to.y + (side * to.height) / 2];
  const lift = (forward ? Math.min(y1, y2) : Math.max(y1, y2)) + side * (24 + 13 * Math.abs(to.order - from.order));
  return { d: path('M', [x1, y1], 'C', [x1, lift], [x2, lift], [x2, y2]), middle: [(x1 + x2) / 2, (y1 + y2) / 8 + lift * 0.75], ...extent(y1, y2, (y1 + y2) / 8 + lift * 0.75), right: Math.max(x1, x2) };
}
