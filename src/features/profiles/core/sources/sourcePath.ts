/** What is known of where a function is: as profilers write it. */
export interface SourceFrame {
  name: string;
  file?: string | undefined;
  /** Counts from 1. */
  line?: number | undefined;
  /** Counts from 1. */
  column?: number | undefined;
}

const jvmEndings = ['java', 'kt', 'scala', 'groovy', 'clj'];
/** A file that is a program or a library, not a source: perf names these. */
const objectFile = /\.(?:so(?:\.[\d.]+)?|dll|dylib|exe|ko|node|jar|debug|map|a|o)$|^\[|^\/\/anon|^<|^\(/;
const webpack = /^webpack(?:-internal)?:\/\/(?:\/|[^/]*\/)(?:\.\/)?/;

/**
 * The path of the source of a frame, with slashes; relative where the profile has no more. undefined where it names none:
 * built-in functions, programs, libraries.
 */
export function sourcePath({ name, file }: SourceFrame): string | undefined {
  const path = file === undefined || file === '' ? undefined : plainPath(file);
  const jvm = jvmPath(name, path);
  if (jvm !== undefined) return jvm;
  return path === undefined || objectFile.test(path) || !/\.[A-Za-z_]\w*$/.test(path) ? undefined : path;
}

function plainPath(file: string): string | undefined {
  if (/^(?:node|internal|native|evalmachine|wasm):|^https?:\/\/[^/]+\/?$/.test(file)) return undefined;
  const path = file
    .replace(webpack, '')
    .replace(/^file:\/\/(?=\/)/, '')
    .replace(/^https?:\/\/[^/]+\//, '')
    .replace(/[?#].*$/, '')
    .replaceAll('\\', '/')
    .replace(/^\/(?=[A-Za-z]:\/)/, '')
    .replace(/^(?:\.\/)+/, '');
  try {
    return file.includes('://') ? decodeURIComponent(path) : path;
  } catch {
    return path;
  }
}

/**
 * `com.acme.Foo$Bar.run`, `com/acme/Foo.run_[j]`, `Lcom/acme/Foo;::run`: the package is the folder, the outermost class
 * is the file.
 */
export function jvmPath(name: string, file: string | undefined): string | undefined {
  const ending = file === undefined ? undefined : (/^[\w$]+\.(\w+)$/.exec(file)?.[1] ?? '');
  if (ending !== undefined && !jvmEndings.includes(ending)) return undefined;
  const called = /^L?((?:[\p{L}_$][\p{L}\d_$]*[./])+)([\p{L}_$][\p{L}\d_$]*);?(?:::|\.)[\p{L}\d_$<>-]+/u.exec(
    name.replace(/\(.*$/s, ''),
  );
  if (!called) return undefined;
  const [, packages, inClass] = called;
  const folder = packages!.replaceAll('.', '/');
  const outermost = inClass!.split('$')[0]!;
  // Without a file, only the style of the names tells the JVM from others: packages in small letters, a class in a large one.
  if (file === undefined && !(/^\p{Lu}/u.test(inClass!) && /^[\p{Ll}\d_/]+$/u.test(folder))) return undefined;
  return `${folder}${file ?? `${outermost}.java`}`;
}

const libraries =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|python\d[\d.]*(?:\.zip)?|go\/pkg\/mod|usr\/(?:local\/)?(?:go|lib|include|share)[^/]*|vendor|third_party|\.cargo|rustc|\.rustup|\.m2|jdk[^/]*)\/|@v\d+\.|^(?:java|javax|jdk|sun|kotlin|scala)\/|^(?:runtime|internal|net|sync|syscall|reflect|encoding|bytes|strings|strconv|bufio|io|os|fmt|sort|time|crypto|compress|math|context|log|database|regexp|unicode|hash|errors)\/(?:[\w-]+\/)*[\w-]+\.(?:go|s)$/;

/** Whether the path is that of a library or of a language's own code, as far as its folders tell. */
export const isLibraryPath = (path: string) => libraries.test(path);
