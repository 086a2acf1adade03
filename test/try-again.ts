// Where many share a machine, a deadline can be missed because nobody let us run. In CI what fails is told, and tried twice more; what is broken stays red.
if (process.env['CI'] === 'true') jest.retryTimes(2, { logErrorsBeforeRetry: true });
