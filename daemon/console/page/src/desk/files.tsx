// SPDX-License-Identifier: Apache-2.0
// Every file of the catalog in an editor that shows what `kefud check` says where it says it.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { go, route } from '../state/route';
import { tellProblem } from '../ui/parts';
import { say } from '../words';
import { catalog, change, checked, draft, readFile, textOf, undo } from './draft';
import type { Editor } from './editor';
import { Places } from './places';

function Edit({ path, line, column }: { path: string; line: number; column: number }): JSX.Element {
  const words = say();
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | null>(null);
  const [ready, setReady] = useState(false);
  const errors = (checked.value?.errors ?? []).filter((place) => place.file === path);
  const changed = draft.value.files[path] !== undefined;
  useEffect(() => {
    let gone = false;
    Promise.all([import('./editor'), readFile(path)]).then(([{ openEditor }]) => {
      if (gone || !host.current) return;
      editor.current = openEditor(host.current, { label: path, text: textOf(path) ?? '', onChange: (text) => change(path, text) });
      setReady(true);
    }, tellProblem);
    return () => {
      gone = true;
      editor.current?.close();
      editor.current = null;
    };
  }, [path]);
  // Somebody published: who changed nothing here reads the new text, so that nobody's change is undone unseen.
  useEffect(() => {
    if (ready && !changed) readFile(path).then((text) => editor.current?.set(text), tellProblem);
  }, [ready, catalog.value?.version]);
  useEffect(() => {
    if (ready && line > 0) editor.current?.goTo(line, column);
  }, [ready, line, column]);
  useEffect(() => {
    if (ready && checked.value) editor.current?.show(errors);
  }, [ready, checked.value]);
  const back = (): void => {
    undo(path);
    readFile(path).then((text) => editor.current?.set(text), tellProblem);
  };
  return (
    <>
      <p class="buttons file-head">
        <h1>{path}</h1>
        {changed && <span class="chip">{words.changed}</span>}
        {changed && <button type="button" onClick={back}>{words.undo}</button>}
      </p>
      {errors.length > 0 && <div class="problem" role="status"><Places places={errors} /></div>}
      {!ready && <p class="quiet" role="status">{words.loading}</p>}
      <div class="editor" ref={host} />
    </>
  );
}

export function Files(): JSX.Element {
  const words = say();
  const [, , path = '', line = '0', column = '0'] = route.value;
  const files = catalog.value?.files ?? [];
  const known = files.some((file) => file.path === path);
  useEffect(() => {
    if (!path && files[0]) go('desk', 'files', files[0].path);
  }, [path, files.length]);
  return (
    <div class="columns">
      <nav class="side" aria-label={words.deskParts.files}>
        <ul class="names">
          {files.map((file) => (
            <li key={file.path}>
              <a href={`#/desk/files/${encodeURIComponent(file.path)}`} aria-current={file.path === path ? 'true' : undefined}>
                {file.path} {draft.value.files[file.path] !== undefined && <span class="chip">{words.changed}</span>}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="content filling">{known && <Edit key={path} path={path} line={Number(line)} column={Number(column)} />}</div>
    </div>
  );
}
