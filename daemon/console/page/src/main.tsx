// SPDX-License-Identifier: Apache-2.0
import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app';
import { followRoute } from './state/route';
import { arrive } from './state/session';
import { language, remember } from './state/settings';
import { speak } from './words';

remember();
followRoute();
const known = arrive();
await speak(language.value);
effect(() => void speak(language.value));
await known;
render(<App />, document.getElementById('console')!);
