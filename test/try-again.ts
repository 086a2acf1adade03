// Where many share a machine, a deadline can be missed because nobody let us run. What fails is told, and tried twice more; what is broken stays red.
jest.retryTimes(2, { logErrorsBeforeRetry: true });
