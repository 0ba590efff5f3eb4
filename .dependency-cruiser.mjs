/** The import arrows of src/README.md: contract ← server, portal, sdk; sdk ← examples. */
const isTest = '\\.(test|test-d)\\.tsx?$|/test/'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-packages',
      comment: 'A package is named in package.json, not found by luck in node_modules.',
      severity: 'error',
      from: { path: '^(src|e2e|bench)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'served-packages',
      comment: 'What runs in production is a dependency, not a devDependency (types excepted).',
      severity: 'error',
      from: { path: '^src/(contract|server|portal)/', pathNot: isTest },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'contract-stands-alone',
      comment: 'What crosses a boundary is said with zod and nothing else.',
      severity: 'error',
      from: { path: '^src/contract/', pathNot: isTest },
      to: { pathNot: '^(src/contract|node_modules/zod)/' },
    },
    {
      name: 'server-knows-contract-only',
      severity: 'error',
      from: { path: '^src/server/' },
      to: { path: '^(src|e2e|bench|dist)/', pathNot: '^src/(server|contract)/' },
    },
    {
      name: 'portal-knows-contract-only',
      severity: 'error',
      from: { path: '^src/portal/' },
      to: { path: '^(src|e2e|bench|dist)/', pathNot: '^src/(portal|contract)/' },
    },
    {
      name: 'sdk-knows-contract-only',
      severity: 'error',
      from: { path: '^src/sdk/', pathNot: isTest },
      to: { path: '^(src|e2e|bench|dist)/', pathNot: '^src/(sdk|contract)/' },
    },
    {
      name: 'sdk-packages',
      comment: 'What its users have to install is a decision: zod is bundled, the rest is in the package.',
      severity: 'error',
      from: { path: '^src/sdk/', pathNot: `${isTest}|\\.config\\.ts$` },
      to: { path: '^node_modules/', pathNot: '^node_modules/((@types/)?(react|node)|jose|oidc-client-ts|zod)/' },
    },
    {
      name: 'examples-are-customers',
      comment: 'An example uses the SDK as anyone would, by its published name, and nothing else of ours.',
      severity: 'error',
      from: { path: '^src/examples/' },
      to: { path: '^(src|e2e|bench)/', pathNot: '^src/(examples/|sdk/dist/)' },
    },
    {
      name: 'examples-by-published-name',
      severity: 'error',
      from: { path: '^src/examples/' },
      to: { path: '^src/sdk/', dependencyTypesNot: ['aliased-workspace'] },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: {},
      to: { path: '\\.(test|test-d|spec)\\.tsx?$' },
    },
    {
      name: 'test-support-stays-in-tests',
      comment: 'A folder named test holds builders and set-ups; what runs in production needs none of them.',
      severity: 'error',
      from: { path: '^src/', pathNot: isTest },
      to: { path: '^src/.+/test/' },
    },
    {
      name: 'engine-behind-one-folder',
      comment:
        'An upgrade of the protocol engine is a change of src/server/engine only. Some tests sign in through a stock one.',
      severity: 'error',
      from: { path: '^(src|bench)/', pathNot: '^(src/server/(engine|upstream/test)|bench)/' },
      // Types tell what the engine hands over; they bring none of it along.
      to: { path: '^node_modules/(@types/)?oidc-provider/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'engine-internals-in-one-file',
      comment: 'What the engine does not publish is used in one place, so that an upgrade shows what it moved.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/server/engine/internals\\.ts$' },
      to: { path: '^node_modules/oidc-provider/lib/', pathNot: '^node_modules/oidc-provider/lib/index\\.js$' },
    },
    {
      name: 'sdk-jose-in-server-door',
      comment: 'jose is for APIs that verify tokens; browsers use WebCrypto through the core.',
      severity: 'error',
      from: { path: '^src/sdk/', pathNot: `^src/sdk/server/|${isTest}` },
      to: { path: '^node_modules/jose/' },
    },
  ],
  options: {
    doNotFollow: { path: '^(node_modules|dist|src/sdk/dist)(/|$)' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.d.ts', '.json', '.css'],
    },
  },
}
