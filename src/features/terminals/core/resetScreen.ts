/** Leaves the alternate screen, mouse reports and bracketed paste of what was cut off; shows the cursor. */
export const resetScreen =
  '\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1l\x1b>\x1b[?25h\x1b[m';
