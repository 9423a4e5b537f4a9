// SPDX-License-Identifier: Apache-2.0
// node nlpjs.mjs LANGUAGE TRAIN TEST OUT: trains NLP.js on the rows of TRAIN and writes {"microseconds": a message, "predictions": [...]} for those of TEST. NLP.js knows one intent a message, so each combination of labels is one.
import { readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { dockStart } from '@nlpjs/basic';
import * as all from '@nlpjs/lang-all';

const [language, trainFile, testFile, outFile] = process.argv.slice(2);
const rows = (file) => readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
const code = language.split('-')[0];
const plugin = all[`Lang${code[0].toUpperCase()}${code.slice(1)}`]; // none for Vietnamese: NLP.js then splits at spaces

const dock = await dockStart({ settings: { nlp: { languages: [code], autoSave: false, autoLoad: false, nlu: { log: false } } }, use: ['Basic'] });
if (plugin) dock.getContainer().use(plugin);
const nlp = dock.get('nlp');
nlp.settings.autoSave = false;
nlp.addLanguage(code);
for (const row of rows(trainFile)) nlp.addDocument(code, row.text, row.labels.join('+') || 'none');
await nlp.train();

const test = rows(testFile);
const start = performance.now();
const predictions = [];
for (const row of test) {
    const { intent } = await nlp.process(code, row.text);
    predictions.push({ id: row.id, labels: intent === 'none' || intent === 'None' ? [] : intent.split('+') });
}
const microseconds = (1000 * (performance.now() - start)) / test.length;
writeFileSync(outFile, JSON.stringify({ microseconds, predictions })); // its libraries write to standard output
