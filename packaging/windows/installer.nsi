; The per-user installer: no administrator, no registry outside HKCU. Built by windows_packages.py, which defines
; VERSION, VERSION_NUMBERS, TITLE, BUNDLE, ICON, LICENCE, KILOBYTES and TARGET (and CPU where
; the installer itself shall be a 64-bit program).
;   setup.exe /S [/D=C:\Folder]         installs silently (/D last, without quotes)
;   uninstall.exe /S [/REMOVESITES]     removes silently; the sites stay unless asked to go
!ifdef CPU
  Target ${CPU}
!endif
Unicode true
ManifestDPIAware true
RequestExecutionLevel user
SetCompressor /SOLID lzma
SetCompressorDictSize 64
Name "${TITLE}"
OutFile "${TARGET}"
InstallDir "$LOCALAPPDATA\Programs\${TITLE}"
InstallDirRegKey HKCU "Software\${TITLE}" "Folder"

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!insertmacro GetParameters
!insertmacro GetOptions

!define PROGRAM "mbus-commissioner"
!define REMOVAL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${TITLE}"
; Where the program keeps its sites (platformdirs.user_data_dir of this name).
!define SITES "$LOCALAPPDATA\${PROGRAM}"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "French"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "Italian"

LangString RUNNING ${LANG_ENGLISH} "${TITLE} is running. Close it, then try again."
LangString RUNNING ${LANG_FRENCH} "${TITLE} est ouvert. Fermez-le, puis réessayez."
LangString RUNNING ${LANG_GERMAN} "${TITLE} läuft noch. Bitte beenden und dann wiederholen."
LangString RUNNING ${LANG_ITALIAN} "${TITLE} è aperto. Chiuderlo e riprovare."
LangString SITES_TOO ${LANG_ENGLISH} "Remove your sites, readings and waiting uploads as well?$\n$\nThey are in ${SITES}. Without a copy they cannot be brought back."
LangString SITES_TOO ${LANG_FRENCH} "Supprimer aussi vos sites, relevés et envois en attente ?$\n$\nIls se trouvent dans ${SITES}. Sans copie, ils sont perdus."
LangString SITES_TOO ${LANG_GERMAN} "Auch Ihre Liegenschaften, Ablesungen und wartenden Übertragungen löschen?$\n$\nSie liegen in ${SITES}. Ohne Kopie sind sie verloren."
LangString SITES_TOO ${LANG_ITALIAN} "Eliminare anche i siti, le letture e gli invii in attesa?$\n$\nSono in ${SITES}. Senza una copia non si possono recuperare."

VIProductVersion "${VERSION_NUMBERS}"
VIAddVersionKey "ProductName" "${TITLE}"
VIAddVersionKey "FileDescription" "${TITLE} setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "MIT licence"

; Removes what an installation laid down, and nothing else that may lie in the same folder.
!macro RemoveProgram
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\${PROGRAM}.exe"
  Delete "$INSTDIR\mbus-tool.exe"
!macroend

; A running program keeps its .exe locked: stop with a sentence instead of a half-replaced folder.
!macro StopWhileRunning
  ${If} ${FileExists} "$INSTDIR\${PROGRAM}.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\${PROGRAM}.exe" a
    ${If} ${Errors}
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDOK
      SetErrorLevel 3
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Section
  !insertmacro StopWhileRunning
  !insertmacro RemoveProgram
  SetOutPath "$INSTDIR"
  File /r "${BUNDLE}\*"
  File "/oname=LICENSE.txt" "${LICENCE}"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${TITLE}.lnk" "$INSTDIR\${PROGRAM}.exe"
  WriteRegStr HKCU "Software\${TITLE}" "Folder" "$INSTDIR"
  WriteRegStr HKCU "${REMOVAL}" "DisplayName" "${TITLE}"
  WriteRegStr HKCU "${REMOVAL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${REMOVAL}" "DisplayIcon" "$INSTDIR\${PROGRAM}.exe"
  WriteRegStr HKCU "${REMOVAL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${REMOVAL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${REMOVAL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${REMOVAL}" "EstimatedSize" ${KILOBYTES}
  WriteRegDWORD HKCU "${REMOVAL}" "NoModify" 1
  WriteRegDWORD HKCU "${REMOVAL}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  !insertmacro StopWhileRunning
  !insertmacro RemoveProgram
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${TITLE}.lnk"
  DeleteRegKey HKCU "${REMOVAL}"
  DeleteRegKey HKCU "Software\${TITLE}"
  ${If} ${FileExists} "${SITES}\*.*"
    ${GetParameters} $0
    ClearErrors
    ${GetOptions} $0 "/REMOVESITES" $1
    ${IfNot} ${Errors}
      RMDir /r "${SITES}"
    ${Else}
      MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(SITES_TOO)" /SD IDNO IDNO keep
      RMDir /r "${SITES}"
      keep:
    ${EndIf}
  ${EndIf}
SectionEnd
