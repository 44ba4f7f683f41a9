import { env } from 'vscode';

/** A time of day as the language of the editor writes it; Node.js itself knows that of the machine only. */
export function timeOfDay(at: number | Date): string {
  return new Date(at).toLocaleTimeString(env.language);
}

export function dateAndTime(at: number | Date): string {
  return new Date(at).toLocaleString(env.language);
}

export function dateOnly(at: number | Date): string {
  return new Date(at).toLocaleDateString(env.language);
}
