import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type AclEntry, type Admin } from 'kafkajs'
import { withAdmin, type KafkaFacts } from './connection.ts'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

const operations = {
  all: AclOperationTypes.ALL,
  read: AclOperationTypes.READ,
  write: AclOperationTypes.WRITE,
  create: AclOperationTypes.CREATE,
  delete: AclOperationTypes.DELETE,
  alter: AclOperationTypes.ALTER,
  describe: AclOperationTypes.DESCRIBE,
  describeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  alterConfigs: AclOperationTypes.ALTER_CONFIGS,
}

const resources = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  cluster: AclResourceTypes.CLUSTER,
  transactionalId: AclResourceTypes.TRANSACTIONAL_ID,
}

export interface AclRule {
  user: string
  resource: keyof typeof resources
  /** `*` for all; the cluster's is `kafka-cluster`. */
  name: string
  operations: (keyof typeof operations)[]
  /** Left out: the name is meant literally. */
  pattern?: 'literal' | 'prefixed'
  /** Left out: allow. */
  permission?: 'allow' | 'deny'
}

/** Adds rules and waits until the broker goes by them. */
export async function setAcls(facts: KafkaFacts, rules: AclRule[]): Promise<void> {
  const entries = rules.flatMap(entriesOf)
  await withAdmin(facts, async (admin) => {
    await admin.createAcls({ acl: entries })
    await untilInForce(admin, (found) => entries.every((entry) => found.has(keyOf(entry))))
  })
}

/** Takes rules away, each exactly as it was set, and waits until the broker has forgotten them. */
export async function removeAcls(facts: KafkaFacts, rules: AclRule[]): Promise<void> {
  const entries = rules.flatMap(entriesOf)
  await withAdmin(facts, async (admin) => {
    await admin.deleteAcls({ filters: entries })
    await untilInForce(admin, (found) => !entries.some((entry) => found.has(keyOf(entry))))
  })
}

function entriesOf(rule: AclRule): AclEntry[] {
  return rule.operations.map((operation) => ({
    resourceType: resources[rule.resource],
    resourceName: rule.name,
    resourcePatternType:
      rule.pattern === 'prefixed' ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    principal: `User:${rule.user}`,
    host: '*',
    operation: operations[operation],
    permissionType: rule.permission === 'deny' ? AclPermissionTypes.DENY : AclPermissionTypes.ALLOW,
  }))
}

/**
 * The controller answers once a rule is written, the broker obeys once it has read it: a moment
 * later. Describing asks the broker's own authorizer.
 */
async function untilInForce(
  admin: Admin,
  isInForce: (found: Set<string>) => boolean,
): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!isInForce(await describedKeys(admin))) {
    if (Date.now() > deadline) throw new Error('Kafka did not take up the ACLs within 10 s')
    await delay(10)
  }
}

/** Every rule of the broker, each as a line. */
export async function allAcls(facts: KafkaFacts): Promise<string[]> {
  return withAdmin(facts, async (admin) => [...(await describedKeys(admin))].sort())
}

async function describedKeys(admin: Admin): Promise<Set<string>> {
  const { resources: described } = await admin.describeAcls({
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  })
  return new Set(
    described.flatMap(({ acls, ...resource }) => acls.map((acl) => keyOf({ ...resource, ...acl }))),
  )
}

function keyOf(entry: AclEntry): string {
  return [
    ...[entry.resourceType, entry.resourcePatternType, entry.operation, entry.permissionType],
    ...[entry.principal, entry.host, entry.resourceName],
  ].join(' ')
}
