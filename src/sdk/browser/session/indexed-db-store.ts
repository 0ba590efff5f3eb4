import type { SessionStore, StoredClient } from './session-store.ts'

const databaseName = 'portico'
const clients = 'clients'
/** Some browsers leave a request open for ever; nobody should wait for the page because of it. */
const timeLimitMs = 3_000

/** Keeps a client's session in IndexedDB, the only place that holds a key without being able to show it. */
export function createIndexedDbStore(factory: IDBFactory, clientKey: string): SessionStore {
  let connecting: Promise<IDBDatabase> | undefined
  const connect = () => {
    connecting ??= open(factory, () => {
      connecting = undefined
    })
    return connecting
  }

  /** A connection can be closed under us (storage cleared, version change): a second try opens a new one. */
  const withDatabase = async <T>(use: (database: IDBDatabase) => Promise<T>): Promise<T> => {
    try {
      return await use(await connect())
    } catch {
      connecting = undefined
      return use(await connect())
    }
  }

  return {
    isLasting: true,
    read: () =>
      withDatabase((database) => {
        const transaction = database.transaction(clients, 'readonly')
        const request: IDBRequest<StoredClient | undefined> = transaction.objectStore(clients).get(clientKey)
        return finished(transaction, () => request.result ?? {})
      }),
    change: (edit) =>
      withDatabase((database) => {
        const transaction = database.transaction(clients, 'readwrite', { durability: 'strict' })
        const store = transaction.objectStore(clients)
        const request: IDBRequest<StoredClient | undefined> = store.get(clientKey)
        let next: StoredClient = {}
        request.onsuccess = () => {
          next = edit(request.result ?? {})
          if (next.session || next.key) store.put(next, clientKey)
          else store.delete(clientKey)
        }
        return finished(transaction, () => next)
      }),
  }
}

function open(factory: IDBFactory, onLost: () => void): Promise<IDBDatabase> {
  const request = factory.open(databaseName, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(clients)
  return inTime(
    new Promise((resolve, reject) => {
      request.onerror = () => reject(request.error)
      request.onsuccess = () => {
        const database = request.result
        database.onclose = onLost
        database.onversionchange = () => {
          database.close()
          onLost()
        }
        resolve(database)
      }
    }),
  )
}

/** Answers when the transaction is on disk, not when its last request was taken. */
function finished<T>(transaction: IDBTransaction, result: () => T): Promise<T> {
  return inTime(
    new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(result())
      transaction.onerror = () => reject(transaction.error)
      transaction.onabort = () => reject(transaction.error)
    }),
  )
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DOMException('The storage does not answer.', 'TimeoutError')), timeLimitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
