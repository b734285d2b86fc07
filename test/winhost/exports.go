package winhost

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
)

// Offsets in the export directory of a DLL.
// Source: https://learn.microsoft.com/windows/win32/debug/pe-format#export-directory-table
const (
	exportNameCount = 24
	exportNames     = 32
	exportSize      = 40
)

// exportedNames returns the names of the functions that a 64-bit DLL exports.
func exportedNames(dll []byte) ([]string, error) {
	file, err := pe.NewFile(bytes.NewReader(dll))
	if err != nil {
		return nil, err
	}
	header, ok := file.OptionalHeader.(*pe.OptionalHeader64)
	if !ok || header.NumberOfRvaAndSizes <= pe.IMAGE_DIRECTORY_ENTRY_EXPORT {
		return nil, errors.New("it is no 64-bit DLL that exports anything")
	}
	image := image{file}
	directory, err := image.at(header.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_EXPORT].VirtualAddress, exportSize)
	if err != nil {
		return nil, err
	}
	count := binary.LittleEndian.Uint32(directory[exportNameCount:])
	table, err := image.at(binary.LittleEndian.Uint32(directory[exportNames:]), 4*uint64(count))
	if err != nil {
		return nil, err
	}
	var names []string
	for ; len(table) >= 4 && len(names) < int(count); table = table[4:] {
		text, err := image.at(binary.LittleEndian.Uint32(table), 1)
		if err != nil {
			return nil, err
		}
		name, _, ended := bytes.Cut(text, []byte{0})
		if !ended {
			return nil, errors.New("a name has no end")
		}
		names = append(names, string(name))
	}
	return names, nil
}

// image finds what is at an address of the loaded DLL.
type image struct{ file *pe.File }

// at returns everything from an address to the end of its section, which is at least as long as is asked for.
func (i image) at(address uint32, size uint64) ([]byte, error) {
	for _, section := range i.file.Sections {
		if address < section.VirtualAddress || address-section.VirtualAddress >= section.Size {
			continue
		}
		data, err := section.Data()
		if err != nil {
			return nil, err
		}
		offset := address - section.VirtualAddress
		if uint64(len(data)) < uint64(offset)+size {
			break
		}
		return data[offset:], nil
	}
	return nil, fmt.Errorf("there is nothing at address %#x", address)
}
