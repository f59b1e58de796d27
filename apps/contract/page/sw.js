// Keeps the page in this browser, so that it starts without a network. It never keeps what the server says under /api.

const version = new URL(location.href).searchParams.get('v') ?? '0';
const CACHE = `page-${version}`;

async function take() {
  const { files } = await (await fetch('/files.json', { cache: 'no-store' })).json();
  const cache = await caches.open(CACHE);
  const pages = files.filter((file) => file !== '/sw.js' && file !== '/files.json').map((file) => new Request(file, { cache: 'no-cache' }));
  await cache.addAll([...pages, new Request('/', { cache: 'no-cache' })]);
}

async function forget() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await clients.claim();
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.mode === 'navigate' ? '/' : request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

addEventListener('install', (event) => event.waitUntil(take()));
addEventListener('activate', (event) => event.waitUntil(forget()));
addEventListener('message', (event) => event.data === 'take over' && skipWaiting());
addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const ours = origin === location.origin && event.request.method === 'GET';
  if (ours && !pathname.startsWith('/api') && pathname !== '/files.json' && pathname !== '/sw.js') {
    event.respondWith(answer(event.request));
  }
});
