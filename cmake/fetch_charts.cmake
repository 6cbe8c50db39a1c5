# usage: cmake -DNPM=PROGRAM -DPAGE=FOLDER -DOUT=FOLDER -P fetch_charts.cmake
# Brings what PAGE/package-lock.json pins into OUT/node_modules. What npm has fetched once it keeps, so
# that a second build folder fetches nothing.
file(MAKE_DIRECTORY "${OUT}")
file(COPY "${PAGE}/package.json" "${PAGE}/package-lock.json" DESTINATION "${OUT}")
execute_process(
  COMMAND "${NPM}" ci --prefix "${OUT}" --prefer-offline --ignore-scripts --no-audit --no-fund
          --loglevel=error
  RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "npm cannot fetch the library that draws charts:\n${said}\n"
    "Without a network, configure with -DTXSIM_CHARTS=OFF: HTML reports then have tables only")
endif()
