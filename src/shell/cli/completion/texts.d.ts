/** The build takes these files as texts. */
declare module '*.bash' {
  const text: string;
  export { text as default };
}
declare module '*.fish' {
  const text: string;
  export { text as default };
}
declare module '*.sh' {
  const text: string;
  export { text as default };
}
declare module '*.zsh' {
  const text: string;
  export { text as default };
}
