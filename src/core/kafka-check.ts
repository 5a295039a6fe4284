import { Failure } from './failure.ts'
import { unseen } from './model-connection.ts'
import type { Inputs } from './model.ts'

/** A look that must be taken, at what the runner can never see. */
export function refuseUnseen({ kafkaCheck, spec }: Pick<Inputs, 'kafkaCheck' | 'spec'>): void {
  if (kafkaCheck !== 'always') return
  for (const { name, kafka } of spec.connections) {
    const why = kafka && unseen(kafka)
    if (why === undefined) continue
    throw new Failure({
      reason: 'input-invalid',
      message: `kafka-check is always, and the connection ${JSON.stringify(name.name)} goes by ${why}, which the runner does not have.`,
      hint: 'Set kafka-check to auto, which leaves such a connection to Materialize.',
      inputs: ['kafka-check', 'spec'],
    })
  }
}
