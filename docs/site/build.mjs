#!/usr/bin/env node
// build.mjs pages | book: the playable pages of the examples in `target/pages`; with `book`, the chapters as a site in `target/book` as well.
// It needs node and cargo; `book` also needs mdbook (`cargo install --locked mdbook@0.5.4`; MDBOOK names another program).
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, normalize, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = resolve(process.env.CARGO_TARGET_DIR ?? join(root, 'target'));
const [pages, source, book] = ['pages', 'book-source', 'book'].map((name) => join(target, name));
const read = (path) => readFileSync(join(root, path), 'utf8');
const run = (program, ...words) => execFileSync(program, words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
const emptied = (folder) => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
};

/** A line of Markdown as HTML: links, code, and nothing else. */
const html = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/\*\*?|_(?=\W)/g, '')
    .replace(/`([^`]*)`/g, '<code>$1</code>').replace(/\[([^\]]*)\]\(([^)]*)\)/g, (_, words, to) => (to.startsWith('pages/') ? `<a href="${to.slice(6)}">${words}</a>` : words));

/** The list of pages and the steps of the lesson are in the chapters, and are taken from there. */
function buildPages() {
    const models = [...read('docs/playable-models.md').matchAll(/^\| (\[(\w+)\]\(pages\/\w+\.html\)) \| (.*) \|$/gm)];
    run('cargo', 'build', '--locked', '--quiet', '--features', 'serve', ...models.flatMap(([, , name]) => ['--example', name]));
    emptied(pages);
    for (const [, , name] of models) run(join(target, 'debug', 'examples', name), 'page', '--out', join(pages, `${name}.html`));
    const lesson = [...read('docs/thirty-minutes-in-class.md').matchAll(/^## ([\d–]+): (.*)\n\nOpen \[[^\]]*\]\(([^)]*)\)/gm)];
    if (models.length === 0 || lesson.length !== 5) throw new Error(`the chapters list ${models.length} pages and ${lesson.length} steps of the lesson`);
    const rows = (all) => all.map(([first, second]) => `<tr><th scope="row">${html(first)}</th><td>${html(second)}</td></tr>`).join('\n');
    writeFileSync(join(pages, 'index.html'), `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>leftfold: playable models</title>
<style>
body { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; font: 1.05rem/1.55 system-ui, sans-serif; background: light-dark(#fffefc, #17151c); color: light-dark(#1c1a20, #ece9f2); }
a { color: light-dark(#5b3a8e, #c4a8f5); }
h1, h2 { font-family: ui-serif, Georgia, serif; line-height: 1.2; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; font-weight: normal; padding: .45rem .9rem .45rem 0; border-top: 1px solid light-dark(#dedbe4, #3a3644); }
th { white-space: nowrap; }
@media (width < 32rem) { tr, th, td { display: block; } td { border: 0; padding-block: 0 .45rem; } th { padding-bottom: 0; } }
</style>
<h1>Playable models</h1>
<p>Each page is one file: it needs no program and no network.</p>
<table>
${rows(models.map(([, link, , what]) => [link, what]))}
</table>
<h2>Thirty minutes in class</h2>
<table>
${rows(lesson.map(([, minutes, title, to]) => [`${minutes} minutes`, `[${title}](${to})`]))}
</table>
</html>
`);
    return models.length;
}

const PICTURES = ['.svg', '.png'];

/** Puts a document, or a file that one links to, into the source of the book; gives its path there. */
function staged(path, seen) {
    // mdbook has its own mind about files that are named README.
    const at = (path.startsWith('docs/') ? path.slice(5) : path === 'README.md' ? path : `checkout/${path}`).replace(/README\.md$/, 'index.md');
    const isDocument = path.endsWith('.md');
    const isPage = isDocument || !PICTURES.includes(extname(path));
    const page = isDocument || !isPage ? at : `${at.replace(/\/$/, '')}.md`;
    if (seen.has(path)) return page;
    seen.set(path, page);
    mkdirSync(dirname(join(source, 'src', page)), { recursive: true });
    if (!isPage) cpSync(join(root, path), join(source, 'src', page));
    else writeFileSync(join(source, 'src', page), isDocument ? linked(path, page, seen) : shown(path));
    return page;
}

/** A file or a folder of the checkout as a page of the book. */
function shown(path) {
    if (statSync(join(root, path)).isDirectory()) {
        return `# ${path}\n\nA folder of the checkout:\n\n${readdirSync(join(root, path)).sort().map((name) => `- \`${name}\`\n`).join('')}`;
    }
    const language = extname(path) === '.rs' ? 'rust,ignore' : 'text';
    return `# ${path}\n\n\`\`\`\`\`\`${language}\n${read(path).trimEnd()}\n\`\`\`\`\`\`\n`;
}

/** A block of code; mdbook colours no Gherkin, and says so in the console of each reader. */
const coloured = (block) => block.replace(/^( *```)gherkin/, '$1text');

/** A document whose links lead to pages of the book. */
function linked(path, page, seen) {
    const parts = read(path).split(/(^ *```.*?^ *```)/ms);
    return parts.map((part, i) => (i % 2 === 1 ? coloured(part) : part.replace(/\]\(([^()\s]+)\)/g, (link, to) => {
        const [file, anchor] = to.split('#');
        if (/^\w+:/.test(to) || file === '' || file.startsWith('pages/')) return link;
        const wanted = normalize(join(dirname(path), file));
        if (!existsSync(join(root, wanted))) throw new Error(`${path}: ${to} leads nowhere`);
        // The table of contents stands beside every page of the site.
        const other = staged(wanted === 'docs/SUMMARY.md' ? 'README.md' : wanted, seen);
        return `](${relative(dirname(page), other).split(sep).join('/')}${anchor === undefined ? '' : `#${anchor}`})`;
    }))).join('');
}

function buildBook() {
    emptied(source);
    emptied(book);
    for (const file of ['book.toml', 'site.css']) cpSync(join(root, 'docs/site', file), join(source, file));
    const seen = new Map();
    staged('docs/SUMMARY.md', seen);
    // What the chapters link to are pages as well, after them.
    const listed = new Set([...read('docs/SUMMARY.md').matchAll(/\]\(([^)]+)\)/g)].map(([, to]) => normalize(join('docs', to))));
    const more = [...seen].filter(([path, page]) => page.endsWith('.md') && path !== 'docs/SUMMARY.md' && !listed.has(path)).sort();
    writeFileSync(join(source, 'src/SUMMARY.md'), `${readFileSync(join(source, 'src/SUMMARY.md'), 'utf8')}\n# In the checkout\n\n${more.map(([path, page]) => `- [${path}](${page})\n`).join('')}`);
    const mdbook = process.env.MDBOOK ?? 'mdbook';
    try {
        run(mdbook, 'build', source, '--dest-dir', book);
    } catch (error) {
        if (error.code === 'ENOENT') throw new Error(`there is no ${mdbook}: cargo install --locked mdbook@0.5.4, or name it in MDBOOK`);
        throw error;
    }
    cpSync(pages, join(book, 'pages'), { recursive: true });
    return deadLinks();
}

/** Links of the site that lead to no file, or to no place in it. */
function deadLinks() {
    const files = readdirSync(book, { recursive: true }).filter((name) => name.endsWith('.html') && (dirname(name) !== 'pages' || name.endsWith('index.html')));
    const texts = new Map();
    const text = (file) => texts.get(file) ?? texts.set(file, readFileSync(file, 'utf8')).get(file);
    const dead = [];
    for (const name of files) {
        if (['toc.html', '404.html'].includes(name)) continue;
        for (const [, to] of text(join(book, name)).matchAll(/(?:href|src)="([^"]+)"/g)) {
            if (/^[\w-]+:/.test(to)) continue;
            const [path, anchor] = to.split('#');
            const file = path === '' ? join(book, name) : join(book, dirname(name), decodeURIComponent(path));
            const isThere = existsSync(file);
            // In the address of a page after `#` is a story.
            const isStory = /^\w+=/.test(anchor ?? '');
            if (!isThere || (anchor && !isStory && !text(file).includes(`id="${decodeURIComponent(anchor)}"`))) dead.push(`${name}: ${to}`);
        }
    }
    if (dead.length > 0) throw new Error(`the site has dead links:\n${[...new Set(dead)].join('\n')}`);
    return files.length;
}

const [what] = process.argv.slice(2);
if (!['pages', 'book'].includes(what)) {
    console.error('build.mjs pages | book');
    process.exit(2);
}
try {
    console.log(`${buildPages()} pages: open ${join(pages, 'index.html')}`);
    if (what === 'book') console.log(`${buildBook()} files of the book: open ${join(book, 'index.html')}`);
} catch (error) {
    console.error(`build.mjs: ${error.message}`);
    process.exit(1);
}
