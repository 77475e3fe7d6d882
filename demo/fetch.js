// fetch.js PORT: GET / of https://localhost:PORT, with this Node.js's own defaults.
var request = require('https').get({host: 'localhost', port: Number(process.argv[2]), path: '/', rejectUnauthorized: true}, function (response) {
    response.on('data', function () {});
    response.on('end', function () { console.log('HTTP ' + response.statusCode); process.exit(0); });
});
request.on('error', function (e) { console.error(String(e)); process.exit(1); });
