/**
 * Makes single questions into few: those that are asked in one turn of the event loop's microtasks go together. An answer that
 * rejects rejects for all of its batch.
 *
 * @param ask - gives the answers in the order of the questions
 */
export function inBatches<Q, A> (
  ask: (questions: readonly Q[]) => Promise<readonly A[]>
): (question: Q) => Promise<A | undefined> {
  let batch: { questions: Q[], answers: Promise<readonly A[]> } | undefined
  const begin = (): { questions: Q[], answers: Promise<readonly A[]> } => {
    const questions: Q[] = []
    const answers = Promise.resolve().then(async () => {
      batch = undefined
      return await ask(questions)
    })
    return { questions, answers }
  }
  return async question => {
    const { questions, answers } = batch ??= begin()
    const at = questions.push(question) - 1
    return (await answers)[at]
  }
}
