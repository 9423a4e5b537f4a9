// SPDX-License-Identifier: Apache-2.0
// Notices of the browser and a sound, for those who asked for them.
import { notices, sound } from '../state/settings';
import { routeTo } from '../state/route';
import { say } from '../words';
import type { ListItem } from '../api/types';

let audio: AudioContext | null = null;

/** Two short tones; no file is needed for that. */
export function ring(): void {
  audio ??= new AudioContext();
  const { currentTime, destination } = audio;
  [660, 880].forEach((frequency, i) => {
    const tone = audio!.createOscillator();
    const volume = audio!.createGain();
    const from = currentTime + i * 0.16;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, from);
    volume.gain.exponentialRampToValueAtTime(0.15, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.15);
    tone.connect(volume).connect(destination);
    tone.start(from);
    tone.stop(from + 0.16);
  });
}

export function notify(kind: 'waiting' | 'mine', item: ListItem): void {
  if (sound.value) ring();
  if (!notices.value || !document.hidden || globalThis.Notification?.permission !== 'granted') return;
  // No words of the customer: others may see the screen.
  const name = item.name || item.customer;
  const notice = new Notification(kind === 'mine' ? say().newMine(name) : say().newWaiting(name), { tag: item.conversation });
  notice.onclick = () => {
    window.focus();
    location.hash = routeTo('inbox', kind === 'mine' ? 'mine' : 'waiting', item.conversation);
    notice.close();
  };
}

/** Asks the browser; false when it forbids them. */
export async function allowNotices(): Promise<boolean> {
  if (!('Notification' in window)) return false;
  return (await Notification.requestPermission()) === 'granted';
}
