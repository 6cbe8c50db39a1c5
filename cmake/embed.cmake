# usage: cmake -DOUT=FILE.cpp -DPAGE=FOLDER [-DLIBRARY=FILE;...] -P embed.cmake
# Writes the source that defines what reports/page_files.h declares.

# The base64 of a text in hexadecimal digits.
function(base64_of_hex hex out)
  set(digits "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(text "")
  string(LENGTH "${hex}" length)
  math(EXPR last "${length} - 1")
  foreach(at RANGE 0 ${last} 6)
    string(SUBSTRING "${hex}" ${at} 6 group)
    string(LENGTH "${group}" count)
    string(SUBSTRING "${group}000000" 0 6 group)
    math(EXPR value "0x${group}")
    foreach(shift IN ITEMS 18 12 6 0)
      math(EXPR digit "(${value} >> ${shift}) & 63")
      string(SUBSTRING "${digits}" ${digit} 1 character)
      string(APPEND text "${character}")
    endforeach()
    if(count LESS 6)  # two bytes give three characters, one gives two
      string(LENGTH "${text}" text_length)
      math(EXPR cut "(6 - ${count}) / 2")
      math(EXPR kept "${text_length} - ${cut}")
      string(SUBSTRING "${text}" 0 ${kept} text)
      string(REPEAT "=" ${cut} padding)
      string(APPEND text "${padding}")
    endif()
  endforeach()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# "{text, hash}" as C++ reads it. Nothing in the text may end the element that it will stand in.
function(page_file text out)
  if(text MATCHES "</[sS](cript|tyle)" OR text MATCHES "\r" OR text MATCHES "\\)txsim\"")
    message(FATAL_ERROR "embed.cmake: a file that cannot stand in an HTML page as it is")
  endif()
  string(SHA256 hex "${text}")
  base64_of_hex("${hex}" hash)
  set(${out} "{R\"txsim(${text})txsim\",\n \"sha256-${hash}\"}" PARENT_SCOPE)
endfunction()

file(READ "${PAGE}/page.css" style)
file(READ "${PAGE}/run_facts.js" run_facts)
file(READ "${PAGE}/run.js" run)
string(PREPEND run "${run_facts}\n")
file(READ "${PAGE}/charts.js" charts)
file(READ "${PAGE}/matrix.js" matrix)
page_file("${style}" style)
page_file("${run}" run)
page_file("${charts}" charts)
page_file("${matrix}" matrix)

set(library "")
foreach(file IN LISTS LIBRARY)
  file(READ "${file}" script)
  get_filename_component(package "${file}" DIRECTORY)
  get_filename_component(package "${package}" DIRECTORY)
  file(READ "${package}/package.json" json)
  file(READ "${package}/LICENSE" license)
  string(JSON name GET "${json}" name)
  string(JSON version GET "${json}" version)
  page_file("/*! ${name} ${version}\n\n${license}*/\n${script}" script)
  string(APPEND library "${script},\n")
endforeach()

file(WRITE "${OUT}" "// Written by cmake/embed.cmake.
#include \"reports/page_files.h\"

namespace txsim {

const PageFile kPageStyle = ${style};
const PageFile kRunScript = ${run};
const PageFile kChartScript = ${charts};
const PageFile kMatrixScript = ${matrix};

const std::vector<PageFile>& chart_library() {
  static const std::vector<PageFile> library = {${library}};
  return library;
}

}  // namespace txsim
")
