import { askPython, pythonEnvironment } from './python-environment.ts'

/** The version that everything here is compared with; `arrow/requirements.txt` requires it. */
export const arrowVersion = '26.0.1'

/** Path of a Python that has pyarrow: `$PYARROW`, or one of an environment of its own. */
export async function arrowPython (): Promise<string> {
  const { PYARROW } = process.env
  return PYARROW === undefined || PYARROW === '' ? await pythonEnvironment('arrow', `pyarrow-${arrowVersion}`) : PYARROW
}

/** Runs one of the programs in `arrow/`, and reads the JSON that it prints. */
export async function askArrow (program: string, ...args: string[]): Promise<unknown> {
  return await askPython(await arrowPython(), `arrow/${program}`, ...args)
}
