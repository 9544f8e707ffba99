// What the mail programs that caniemail.com has tried cannot do of the page on stdin: one JSON object a feature.
//   node bench/mail_clients.mjs FOLDER_OF_CANIEMAIL < page.html
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { caniemail, rawData } = await import(pathToFileURL(`${process.argv[2]}/dist/index.js`));

// A program that nobody has tried a feature in has nothing known against it; the package would stop there.
const clients = Object.values(rawData.data)
  .flatMap(({ stats }) => Object.entries(stats).flatMap(([family, ways]) => Object.keys(ways).map((way) => [family, way])))
  .filter(([family, way], place, all) => all.findIndex(([other, its]) => other === family && its === way) === place);
for (const { stats } of rawData.data) {
  for (const [family, way] of clients) (stats[family] ??= {})[way] ??= { unknown: 'y' };
}

const found = new Map();
const { issues } = caniemail({ clients: ['*'], html: readFileSync(0, 'utf8') });
for (const kind of [issues.errors, issues.warnings]) {
  for (const [client, list] of kind) {
    for (const { title, support, notes } of list) {
      const key = `${title} ${support}`;
      const known = found.get(key) ?? { feature: title, support, clients: [], notes: [] };
      known.clients = [...new Set([...known.clients, client])].sort();
      known.notes = [...new Set([...known.notes, ...notes])];
      found.set(key, known);
    }
  }
}
for (const one of found.values()) console.log(JSON.stringify(one));
