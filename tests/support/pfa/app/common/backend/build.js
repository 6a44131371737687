require('pfa-build').copy('src', 'dist')
